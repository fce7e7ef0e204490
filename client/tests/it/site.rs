mod feed;
mod legal;
mod robots;
mod sitemap;

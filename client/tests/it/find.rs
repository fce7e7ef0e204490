mod index;
mod nothing;

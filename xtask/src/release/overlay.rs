//! The `images:` of an overlay. Edited as text, so that comments and order stay.

use anyhow::{Context, Result, ensure};

use super::{Image, Released};

/// The kustomization with every image of the release by its digest, in the place where it stood.
///
/// # Errors
/// When an image of the release is not in its list exactly once, or the list has others of ours.
pub fn pinned(kustomization: &str, released: &Released) -> Result<String> {
    let mut missing: Vec<&Image> = released.images.iter().collect();
    let mut lines = Vec::new();
    for line in kustomization.lines() {
        let Some(name) = named(line) else {
            lines.push(line.to_owned());
            continue;
        };
        let found = missing.iter().position(|image| image.name == name);
        let image =
            missing.remove(found.with_context(|| format!("{name} is not in the release, or stands there twice"))?);
        lines.push(entry(image, &released.tag)?);
    }
    let names: Vec<&str> = missing.iter().map(|image| image.name.as_str()).collect();
    ensure!(names.is_empty(), "the overlay has no entry for {}", names.join(", "));
    Ok(lines.join("\n") + "\n")
}

/// `sha256:` and 64 hexadecimal digits.
pub fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The image that a line of the list is about: `  - {name: ticketing/auth, newTag: 0.1.0}`
fn named(line: &str) -> Option<&str> {
    let name = line.trim_start().strip_prefix("- {name: ")?.split([',', '}']).next()?;
    name.starts_with("ticketing/").then_some(name)
}

/// One entry of the list. What does not belong into one is refused, since it would become something else there.
fn entry(image: &Image, tag: &str) -> Result<String> {
    let Image { name, new_name, digest } = image;
    let is_plain =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/:".contains(c));
    ensure!(is_digest(digest), "`{digest}` is no digest");
    ensure!(is_plain(new_name) && is_plain(tag), "`{new_name}:{tag}` is no image");
    Ok(format!("  - {{name: {name}, newName: {new_name}, digest: {digest}}} # {tag}"))
}

#[cfg(test)]
mod tests {
    use super::{Image, Released, pinned};

    const OVERLAY: &str = "\
# A cloud.
kind: Kustomization
replicas:
  - {name: nats, count: 3}
# Written by a release.
images:
  - {name: ticketing/auth, newTag: 0.1.0}
  - {name: ticketing/ops, newTag: 0.1.0}
  - {name: mongo, newTag: \"7.0\"}
";

    fn digest(letter: char) -> String {
        format!("sha256:{}", letter.to_string().repeat(64))
    }

    fn released(tag: &str, images: &[(&str, char)]) -> Released {
        let image = |(name, letter): &(&str, char)| Image {
            name: format!("ticketing/{name}"),
            new_name: format!("registry.example:5000/shop/{name}"),
            digest: digest(*letter),
        };
        Released { tag: tag.to_owned(), images: images.iter().map(image).collect() }
    }

    #[test]
    fn every_image_is_named_by_its_digest_and_all_else_stays() {
        let after = pinned(OVERLAY, &released("v1.2.3", &[("ops", 'b'), ("auth", 'a')])).unwrap();
        let wanted = OVERLAY
            .replace(
                "{name: ticketing/auth, newTag: 0.1.0}",
                &format!(
                    "{{name: ticketing/auth, newName: registry.example:5000/shop/auth, digest: {}}} # v1.2.3",
                    digest('a')
                ),
            )
            .replace(
                "{name: ticketing/ops, newTag: 0.1.0}",
                &format!(
                    "{{name: ticketing/ops, newName: registry.example:5000/shop/ops, digest: {}}} # v1.2.3",
                    digest('b')
                ),
            );
        assert_eq!(after, wanted);
    }

    #[test]
    fn the_next_release_takes_the_place_of_the_last() {
        let first = pinned(OVERLAY, &released("v1", &[("auth", 'a'), ("ops", 'b')])).unwrap();
        let second = pinned(&first, &released("v2", &[("auth", 'c'), ("ops", 'd')])).unwrap();
        assert_eq!(second, pinned(OVERLAY, &released("v2", &[("auth", 'c'), ("ops", 'd')])).unwrap());
    }

    #[test]
    fn an_image_too_many_or_too_few_is_an_error() {
        for images in [[("auth", 'a')].as_slice(), &[("auth", 'a'), ("ops", 'b'), ("client", 'c')]] {
            assert!(pinned(OVERLAY, &released("v1", images)).is_err());
        }
        let twice = format!("{OVERLAY}  - {{name: ticketing/auth, newTag: 0.1.0}}\n");
        assert!(pinned(&twice, &released("v1", &[("auth", 'a'), ("ops", 'b')])).is_err());
    }

    #[test]
    fn what_is_no_digest_name_or_tag_is_not_written() {
        let good = || released("v1", &[("auth", 'a'), ("ops", 'b')]);
        let mut no_digest = good();
        no_digest.images[0].digest = "sha256:short".to_owned();
        let mut no_name = good();
        no_name.images[0].new_name = "a, newTag: latest".to_owned();
        let mut no_tag = good();
        no_tag.tag = "v1\n  - evil".to_owned();
        for released in [no_digest, no_name, no_tag] {
            assert!(pinned(OVERLAY, &released).is_err(), "{released:?}");
        }
    }

    #[test]
    fn the_overlay_as_it_stands_can_be_pinned() {
        let overlay = include_str!("../../../infra/k8s/overlays/prod/kustomization.yaml");
        let images: Vec<_> =
            crate::scan::images("registry.example/shop", "v1").iter().map(|(name, _)| (*name, 'e')).collect();
        let after = pinned(overlay, &released("v1", &images)).unwrap();
        assert_eq!(after.matches("digest: sha256:e").count(), 7);
        assert_eq!(after.lines().count(), overlay.lines().count());
    }
}

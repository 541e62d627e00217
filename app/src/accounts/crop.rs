//! The square that is cut out of a photo: its geometry alone.

/// A square inside a picture, in pixels of the upright picture. It never leaves the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Crop {
    width: f64,
    height: f64,
    left: f64,
    top: f64,
    side: f64,
}

/// A square's place in thousandths: of the width, of the height, of the shorter side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Thousandths {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) side: u32,
}

/// How far one may zoom in: the server takes no square smaller than a tenth; a quarter is still a sharp portrait.
pub(super) const MAX_ZOOM: f64 = 4.0;

impl Crop {
    /// The largest square, in the middle; none in a picture without pixels.
    pub(super) fn centred(width: f64, height: f64) -> Option<Self> {
        let side = width.min(height);
        (side >= 1.0).then(|| Self {
            width,
            height,
            left: (width - side) / 2.0,
            top: (height - side) / 2.0,
            side,
        })
    }

    /// From 1, the whole shorter side, to [`MAX_ZOOM`].
    pub(super) fn zoom(self) -> f64 {
        self.width.min(self.height) / self.side
    }

    /// Zooms around the middle of the square.
    #[must_use]
    pub(super) fn zoomed_to(self, zoom: f64) -> Self {
        let side = self.width.min(self.height) / zoom.clamp(1.0, MAX_ZOOM);
        let shift = (self.side - side) / 2.0;
        Self {
            side,
            left: self.left + shift,
            top: self.top + shift,
            ..self
        }
        .kept_inside()
    }

    /// Moves the square by parts of its own side.
    #[must_use]
    pub(super) fn moved_by(self, across: f64, down: f64) -> Self {
        Self {
            left: self.left + across * self.side,
            top: self.top + down * self.side,
            ..self
        }
        .kept_inside()
    }

    /// Where the square stands between the left edge, 0, and the right one, 1; the middle if it cannot move.
    pub(super) fn across(self) -> f64 {
        share(self.left, self.width - self.side)
    }

    /// Where it stands between top, 0, and bottom, 1.
    pub(super) fn down(self) -> f64 {
        share(self.top, self.height - self.side)
    }

    /// Puts it between the left edge, 0, and the right one, 1.
    #[must_use]
    pub(super) fn put_across(self, share: f64) -> Self {
        Self {
            left: share * (self.width - self.side),
            ..self
        }
        .kept_inside()
    }

    /// Puts it between top, 0, and bottom, 1.
    #[must_use]
    pub(super) fn put_down(self, share: f64) -> Self {
        Self {
            top: share * (self.height - self.side),
            ..self
        }
        .kept_inside()
    }

    /// Width, left edge and top edge of the picture behind a window that shows the square, in percent of the window.
    pub(super) fn behind_window(self) -> (f64, f64, f64) {
        let part = 100.0 / self.side;
        (self.width * part, -self.left * part, -self.top * part)
    }

    /// The square as the server takes it.
    pub(super) fn to_thousandths(self) -> Thousandths {
        Thousandths {
            left: thousandths(self.left, self.width).min(999),
            top: thousandths(self.top, self.height).min(999),
            side: thousandths(self.side, self.width.min(self.height)).clamp(100, 1000),
        }
    }

    fn kept_inside(self) -> Self {
        Self {
            left: self.left.clamp(0.0, self.width - self.side),
            top: self.top.clamp(0.0, self.height - self.side),
            ..self
        }
    }
}

fn share(position: f64, room: f64) -> f64 {
    if room > 0.0 { position / room } else { 0.5 }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 1000"
)]
fn thousandths(part: f64, whole: f64) -> u32 {
    (part / whole * 1000.0).round().clamp(0.0, 1000.0) as u32
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact in binary")]
mod tests {
    use super::*;

    fn landscape() -> Crop {
        Crop::centred(4000.0, 3000.0).expect("it has pixels")
    }

    #[test]
    fn it_begins_with_the_largest_square_in_the_middle() {
        assert_eq!(
            landscape().to_thousandths(),
            Thousandths {
                left: 125,
                top: 0,
                side: 1000
            }
        );
        assert_eq!(Crop::centred(0.0, 10.0), None);
    }

    #[test]
    fn zooming_keeps_the_middle() {
        let crop = landscape().zoomed_to(2.0);

        assert_eq!(
            crop.to_thousandths(),
            Thousandths {
                left: 313,
                top: 250,
                side: 500
            }
        );
        assert!((crop.zoom() - 2.0).abs() < 1e-9);
    }

    #[test]
    fn it_never_leaves_the_picture() {
        for (across, down) in [(9.0, 9.0), (-9.0, -9.0), (9.0, -9.0)] {
            for zoom in [0.1, 1.0, 3.0, 99.0] {
                let crop = landscape()
                    .moved_by(across, down)
                    .zoomed_to(zoom)
                    .moved_by(across, down);

                assert!(
                    crop.left >= 0.0 && crop.left + crop.side <= 4000.0 + 1e-6,
                    "{crop:?}"
                );
                assert!(
                    crop.top >= 0.0 && crop.top + crop.side <= 3000.0 + 1e-6,
                    "{crop:?}"
                );
            }
        }
    }

    #[test]
    fn sliders_put_it_where_they_stand() {
        let crop = landscape().zoomed_to(2.0).put_across(1.0).put_down(0.0);

        assert_eq!((crop.across(), crop.down()), (1.0, 0.0));
        assert_eq!(
            crop.to_thousandths(),
            Thousandths {
                left: 625,
                top: 0,
                side: 500
            }
        );
    }

    #[test]
    fn the_window_shows_the_square() {
        assert_eq!(
            landscape()
                .zoomed_to(2.0)
                .put_across(0.0)
                .put_down(0.0)
                .behind_window()
                .0,
            400.0 * 2.0 / 3.0
        );
    }
}

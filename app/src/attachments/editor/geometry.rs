//! Places in a picture: sizes, points, areas of whole pixels, and the span that a person draws and moves.

/// No area is smaller, in pixels a side.
const LEAST: u32 = 8;
/// No block of a blur is smaller than this part of the picture's longer side: many small areas side by side are no way around.
const PART_OF_PICTURE: u32 = 48;
/// No block of a blur is smaller, in pixels a side: of fewer, a mean would say too much.
const LEAST_BLOCK: u32 = 16;

/// How large a picture is, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Size {
    /// Its longer side.
    pub(super) fn longer(self) -> u32 {
        self.width.max(self.height)
    }

    /// The least side of a block of a blur, in pixels.
    pub(super) fn least_block(self) -> u32 {
        self.longer().div_ceil(PART_OF_PICTURE).max(LEAST_BLOCK)
    }

    /// After a quarter turn.
    pub(super) fn turned(self) -> Self {
        Self {
            width: self.height,
            height: self.width,
        }
    }

    /// In the same proportions, with no side longer than `most`.
    #[cfg(any(feature = "hydrate", test))]
    pub(super) fn within(self, most: u32) -> Self {
        let longer = self.longer();
        if longer <= most {
            return self;
        }
        let shorter = |side: u32| {
            let side = u64::from(side) * u64::from(most) / u64::from(longer);
            u32::try_from(side).unwrap_or(most).max(1)
        };
        Self {
            width: shorter(self.width),
            height: shorter(self.height),
        }
    }

    /// Where in the picture a place is, and how large one of its pixels is there, when it stands in the middle of a room, as
    /// large as the room allows.
    #[cfg(any(feature = "hydrate", test))]
    pub(super) fn seen(self, room: (f64, f64), at: (f64, f64)) -> Option<(Point, f64)> {
        let (width, height) = (f64::from(self.width), f64::from(self.height));
        let scale = (room.0 / width).min(room.1 / height);
        // No picture, or no room.
        let point = Point {
            x: (at.0 - (room.0 - width * scale) / 2.0) / scale,
            y: (at.1 - (room.1 - height * scale) / 2.0) / scale,
        };
        (scale.is_finite() && scale > 0.0).then_some((point, scale))
    }

    /// The span between two points that are told in parts of the whole.
    pub(super) fn part(self, from: (f64, f64), to: (f64, f64)) -> Span {
        let (width, height) = (f64::from(self.width), f64::from(self.height));
        let point = |(x, y): (f64, f64)| Point {
            x: x * width,
            y: y * height,
        };
        Span {
            from: point(from),
            to: point(to),
        }
    }
}

/// A point of a picture, in pixels from its upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

impl Point {
    /// How far another one is.
    pub(super) fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The nearest one inside the picture.
    pub(super) fn inside(self, size: Size) -> Self {
        Self {
            x: self.x.clamp(0.0, f64::from(size.width)),
            y: self.y.clamp(0.0, f64::from(size.height)),
        }
    }
}

/// A rectangle of whole pixels, inside its picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) size: Size,
}

impl Area {
    /// Whether a point is in it.
    pub(super) fn holds(self, point: Point) -> bool {
        let right = self.left + self.size.width;
        let bottom = self.top + self.size.height;
        (f64::from(self.left)..=f64::from(right)).contains(&point.x)
            && (f64::from(self.top)..=f64::from(bottom)).contains(&point.y)
    }
}

/// Two points: the opposite corners of an area, or the two ends of an arrow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) from: Point,
    pub(super) to: Point,
}

impl Span {
    /// The area between the two: every pixel that it touches, and never less than a few.
    pub(super) fn area(self, size: Size) -> Area {
        let (left, right) = edges(self.from.x, self.to.x, size.width);
        let (top, bottom) = edges(self.from.y, self.to.y, size.height);
        Area {
            left,
            top,
            size: Size {
                width: right - left,
                height: bottom - top,
            },
        }
    }

    /// Moved, as far as the picture reaches.
    pub(super) fn moved(self, across: f64, down: f64, size: Size) -> Self {
        let across = held(across, self.from.x, self.to.x, size.width);
        let down = held(down, self.from.y, self.to.y, size.height);
        let move_one = |point: Point| Point {
            x: point.x + across,
            y: point.y + down,
        };
        Self {
            from: move_one(self.from),
            to: move_one(self.to),
        }
    }

    /// With its second point moved.
    pub(super) fn stretched(self, across: f64, down: f64, size: Size) -> Self {
        let to = Point {
            x: self.to.x + across,
            y: self.to.y + down,
        };
        Self {
            to: to.inside(size),
            ..self
        }
    }

    /// Larger or smaller around its middle.
    pub(super) fn scaled(self, by: f64, size: Size) -> Self {
        let middle = self.middle();
        let scale = |point: Point| {
            let point = Point {
                x: middle.x + (point.x - middle.x) * by,
                y: middle.y + (point.y - middle.y) * by,
            };
            point.inside(size)
        };
        Self {
            from: scale(self.from),
            to: scale(self.to),
        }
    }

    /// As large as it is, with its middle as near to a point as the picture allows.
    pub(super) fn centred(self, at: Point, size: Size) -> Self {
        let middle = self.middle();
        self.moved(at.x - middle.x, at.y - middle.y, size)
    }

    /// Grown around its middle, where a side is shorter than so many pixels, as far as the picture reaches.
    pub(super) fn at_least(self, least: u32, size: Size) -> Self {
        let (from, to) = (self.from.inside(size), self.to.inside(size));
        let (left, right) = apart(from.x, to.x, least, size.width);
        let (top, bottom) = apart(from.y, to.y, least, size.height);
        Self {
            from: Point { x: left, y: top },
            to: Point { x: right, y: bottom },
        }
    }

    fn middle(self) -> Point {
        Point {
            x: f64::midpoint(self.from.x, self.to.x),
            y: f64::midpoint(self.from.y, self.to.y),
        }
    }

    /// The same area with the corner that is nearest to a point, and within reach of it, as its second point.
    pub(super) fn by_corner(self, at: Point, reach: f64) -> Option<Self> {
        let corner = |x: (f64, f64), y: (f64, f64)| Self {
            from: Point { x: x.0, y: y.0 },
            to: Point { x: x.1, y: y.1 },
        };
        let (across, down) = ((self.from.x, self.to.x), (self.from.y, self.to.y));
        let turned = |(one, other): (f64, f64)| (other, one);
        let all = [
            self,
            corner(turned(across), turned(down)),
            corner(turned(across), down),
            corner(across, turned(down)),
        ];
        let nearest = all
            .into_iter()
            .min_by(|one, other| one.to.distance(at).total_cmp(&other.to.distance(at)))?;
        (nearest.to.distance(at) <= reach).then_some(nearest)
    }

    /// How far a point is from the line between the two.
    pub(super) fn distance(self, at: Point) -> f64 {
        let (across, down) = (self.to.x - self.from.x, self.to.y - self.from.y);
        let square = across * across + down * down;
        if square <= 0.0 {
            return self.from.distance(at);
        }
        let along = ((at.x - self.from.x) * across + (at.y - self.from.y) * down) / square;
        let along = along.clamp(0.0, 1.0);
        at.distance(Point {
            x: self.from.x + along * across,
            y: self.from.y + along * down,
        })
    }
}

/// The whole pixels between two places on one axis.
fn edges(one: f64, other: f64, most: u32) -> (u32, u32) {
    let least = LEAST.min(most);
    let first = whole(one.min(other).floor()).min(most - least);
    let end = whole(one.max(other).ceil()).clamp(first + least, most);
    (first, end)
}

/// Two places on one axis, at least so far from each other; each stays on its side.
fn apart(one: f64, other: f64, least: u32, most: u32) -> (f64, f64) {
    let least = f64::from(least.min(most));
    // Whole pixels are more, never fewer; and what was grown once stays as it is.
    if (other - one).abs() > least - 0.5 {
        return (one, other);
    }
    let first = f64::midpoint(one, other) - least / 2.0;
    let first = first.clamp(0.0, f64::from(most) - least);
    if one <= other {
        (first, first + least)
    } else {
        (first + least, first)
    }
}

/// How far both may go on one axis.
fn held(by: f64, one: f64, other: f64, most: u32) -> f64 {
    let back = -one.min(other);
    let forth = f64::from(most) - one.max(other);
    by.min(forth).max(back)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is below nothing is nothing, and pictures are small"
)]
fn whole(number: f64) -> u32 {
    number.max(0.0) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sizes() -> impl Strategy<Value = Size> {
        (1_u32..5_000, 1_u32..5_000).prop_map(|(width, height)| Size { width, height })
    }

    fn spans() -> impl Strategy<Value = Span> {
        let number = || -6_000.0..6_000.0;
        (number(), number(), number(), number()).prop_map(|(a, b, c, d)| Span {
            from: Point { x: a, y: b },
            to: Point { x: c, y: d },
        })
    }

    proptest! {
        #[test]
        fn an_area_lies_in_its_picture_and_covers_what_was_drawn(size in sizes(), span in spans()) {
            let area = span.area(size);

            prop_assert!(area.left + area.size.width <= size.width);
            prop_assert!(area.top + area.size.height <= size.height);
            prop_assert!(area.size.width >= LEAST.min(size.width));
            prop_assert!(area.size.height >= LEAST.min(size.height));
            prop_assert!(area.holds(span.from.inside(size)) && area.holds(span.to.inside(size)));
        }

        #[test]
        fn what_is_grown_covers_what_it_was_and_is_large_enough(size in sizes(), span in spans(), side in 1_u32..200) {
            let large = span.at_least(side, size);
            let grown = large.area(size);

            prop_assert!(grown.size.width >= side.min(size.width));
            prop_assert!(grown.size.height >= side.min(size.height));
            prop_assert!(grown.left + grown.size.width <= size.width);
            prop_assert!(grown.top + grown.size.height <= size.height);
            prop_assert!(grown.holds(span.from.inside(size)) && grown.holds(span.to.inside(size)));
            prop_assert_eq!(large.at_least(side, size), large);
        }

        #[test]
        fn what_is_moved_keeps_its_extent_and_stays_inside(
            size in sizes(),
            drawn in spans(),
            across in -9_000.0..9_000.0,
            down in -9_000.0..9_000.0,
        ) {
            let span = Span { from: drawn.from.inside(size), to: drawn.to.inside(size) };
            let moved = span.moved(across, down, size);

            prop_assert!((span.to.x - span.from.x - (moved.to.x - moved.from.x)).abs() < 1e-6);
            prop_assert!((span.to.y - span.from.y - (moved.to.y - moved.from.y)).abs() < 1e-6);
            for point in [moved.from, moved.to] {
                prop_assert!(point.distance(point.inside(size)) < 1e-6);
            }
        }

        #[test]
        fn a_corner_changes_hands_and_not_the_area(size in sizes(), drawn in spans(), x in 0.0..5_000.0, y in 0.0..5_000.0) {
            let held = drawn.by_corner(Point { x, y }, f64::INFINITY).unwrap();

            prop_assert_eq!(held.area(size), drawn.area(size));
        }

        #[test]
        fn a_large_picture_becomes_as_small_as_it_must(size in sizes(), most in 1_u32..5_000) {
            let fitted = size.within(most);

            prop_assert!(fitted.longer() <= most.max(1) || fitted == size);
            prop_assert!(fitted.width >= 1 && fitted.height >= 1);
            prop_assert_eq!(size.turned().within(most), fitted.turned());
        }
    }

    #[test]
    fn a_place_on_the_screen_is_a_place_in_the_picture() {
        let size = Size {
            width: 200,
            height: 100,
        };

        let (point, scale) = size.seen((400.0, 400.0), (200.0, 120.0)).unwrap();

        assert_eq!((point, scale), (Point { x: 100.0, y: 10.0 }, 2.0));
        assert!(Size::default().seen((400.0, 400.0), (0.0, 0.0)).is_none());
        assert!(size.seen((0.0, 0.0), (0.0, 0.0)).is_none());
    }

    #[test]
    fn an_arrow_is_near_where_its_line_is() {
        let span = Span {
            from: Point { x: 0.0, y: 10.0 },
            to: Point { x: 100.0, y: 10.0 },
        };

        for (x, y, far) in [(50.0, 13.0, 3.0), (104.0, 13.0, 5.0), (-6.0, 18.0, 10.0)] {
            assert!((span.distance(Point { x, y }) - far).abs() < 1e-9, "{x}, {y}");
        }
        assert!(span.by_corner(Point { x: 50.0, y: 10.0 }, 20.0).is_none());
    }
}

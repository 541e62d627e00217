//! What was done to a picture, act by act, so that the last one can be undone; and what is being drawn, before it counts.

use super::geometry::{Area, Point, Size, Span};

/// What a person draws with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    Crop,
    Blur,
    Bar,
    Arrow,
    Text,
}

/// One change of a picture, in the pixels of the picture as it stood then.
#[derive(Clone, PartialEq)]
pub(super) enum Act {
    Crop(Area),
    /// A quarter turn, clockwise.
    Turn,
    Blur(Area),
    Bar(Area),
    Arrow(Span),
    /// Words, their upper left corner, and how high a line of them is.
    Text(String, Point, f64),
}

impl Act {
    /// How large the picture is after it.
    fn size_after(&self, before: Size) -> Size {
        match self {
            Self::Crop(area) => area.size,
            Self::Turn => before.turned(),
            Self::Blur(_) | Self::Bar(_) | Self::Arrow(_) | Self::Text(..) => before,
        }
    }
}

/// A picture and all that was done to it.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Work {
    first: Size,
    acts: Vec<Act>,
}

impl Work {
    /// Nothing was done yet to a picture of this size.
    #[cfg(any(feature = "hydrate", test))]
    pub(super) fn new(first: Size) -> Self {
        Self {
            first,
            acts: Vec::new(),
        }
    }

    /// What was done, in its order.
    pub(super) fn acts(&self) -> &[Act] {
        &self.acts
    }

    /// How large the picture is now.
    pub(super) fn size(&self) -> Size {
        self.acts
            .iter()
            .fold(self.first, |size, act| act.size_after(size))
    }

    /// Does one thing more.
    pub(super) fn push(&mut self, act: Act) {
        self.acts.push(act);
    }

    /// Takes the last act back.
    pub(super) fn undo(&mut self) {
        self.acts.pop();
    }
}

/// What is being drawn. It counts once it is applied, and whoever finishes applies it: what is seen is what is sent.
#[derive(Clone, PartialEq)]
pub(super) struct Pick {
    pub(super) tool: Tool,
    pub(super) span: Span,
    pub(super) words: String,
    /// Whether the person has placed it; what stands where it first stood leaves with its tool.
    pub(super) is_placed: bool,
}

impl Pick {
    /// Where a tool begins: so that it can be moved from there without drawing.
    pub(super) fn new(tool: Tool, size: Size) -> Self {
        let (from, to) = match tool {
            Tool::Crop => ((0.0, 0.0), (1.0, 1.0)),
            Tool::Blur => ((0.3, 0.35), (0.7, 0.65)),
            Tool::Bar => ((0.25, 0.45), (0.75, 0.55)),
            Tool::Arrow => ((0.3, 0.7), (0.5, 0.5)),
            Tool::Text => ((0.1, 0.45), (0.6, 0.53)),
        };
        Self {
            tool,
            span: size.part(from, to),
            words: String::new(),
            is_placed: false,
        }
    }

    /// Its span, as it counts and is seen. A blur is never smaller than one block: dabbed letter by letter, it would leave a mean
    /// of each.
    pub(super) fn seen(&self, size: Size) -> Span {
        match self.tool {
            Tool::Blur => self.span.at_least(size.least_block(), size),
            Tool::Crop | Tool::Bar | Tool::Arrow | Tool::Text => self.span,
        }
    }

    /// The pixels that it is about.
    pub(super) fn area(&self, size: Size) -> Area {
        self.seen(size).area(size)
    }

    /// What it does to the picture; nothing, where it changes nothing.
    pub(super) fn act(&self, size: Size) -> Option<Act> {
        let area = self.area(size);
        match self.tool {
            Tool::Crop => (area.size != size).then_some(Act::Crop(area)),
            Tool::Blur => Some(Act::Blur(area)),
            Tool::Bar => Some(Act::Bar(area)),
            Tool::Arrow => (self.span.from != self.span.to).then_some(Act::Arrow(self.span)),
            Tool::Text => {
                let words = self.words.trim();
                let corner = Point {
                    x: f64::from(area.left),
                    y: f64::from(area.top),
                };
                let act = || Act::Text(words.to_owned(), corner, f64::from(area.size.height));
                (!words.is_empty()).then(act)
            }
        }
    }

    /// What a press takes hold of; nothing where it begins another one. `reach` is how far a finger is from what it means.
    pub(super) fn grab(&self, at: Point, reach: f64, size: Size) -> Option<(Span, Grip)> {
        let (seen, area) = (self.seen(size), self.area(size));
        // Of a small one the middle must be left to move it by.
        let corner_reach = reach.min(f64::from(area.size.longer()) / 3.0);
        match self.tool {
            Tool::Arrow => {
                if self.span.to.distance(at) <= corner_reach {
                    Some((self.span, Grip::Tip))
                } else if self.span.from.distance(at) <= corner_reach {
                    Some((self.span, Grip::Tail))
                } else {
                    (self.span.distance(at) <= reach).then_some((self.span, Grip::Whole(at)))
                }
            }
            Tool::Crop | Tool::Blur | Tool::Bar | Tool::Text => {
                if let Some(span) = seen.by_corner(at, corner_reach) {
                    return Some((span, Grip::Tip));
                }
                // All of the picture cannot be moved: a press inside begins the part that is to stay.
                let is_inside = area.holds(at) && area.size != size;
                is_inside.then_some((seen, Grip::Whole(at)))
            }
        }
    }

    /// Where it is with its second point moved. Where a blur can be no smaller it stays: it would go instead.
    pub(super) fn stretched(&self, across: f64, down: f64, size: Size) -> Span {
        let seen = self.seen(size);
        let span = seen.stretched(across, down, size);
        let next = Self {
            span,
            words: String::new(),
            ..*self
        };
        if next.seen(size) == span { span } else { seen }
    }

    /// Where it is after the pointer has moved.
    pub(super) fn dragged(&self, grip: Grip, at: Point, size: Size) -> Span {
        let at = at.inside(size);
        match grip {
            Grip::New(from) => Span {
                from: from.inside(size),
                to: at,
            },
            Grip::Whole(last) => self.span.moved(at.x - last.x, at.y - last.y, size),
            Grip::Tip => Span { to: at, ..self.span },
            Grip::Tail => Span {
                from: at,
                ..self.span
            },
        }
    }
}

/// By what a person holds what is being drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Grip {
    /// It is drawn from here.
    New(Point),
    /// It moves; the pointer was last here.
    Whole(Point),
    /// Its second point.
    Tip,
    /// Its first point.
    Tail,
}

/// The outline of an arrow, as wide as the picture asks for.
pub(super) fn outline(span: Span, size: Size) -> Vec<Point> {
    let length = span.from.distance(span.to);
    if length < 1.0 {
        return Vec::new();
    }
    let unit = (f64::from(size.longer()) / 100.0).max(1.5);
    let (across, down) = (
        (span.to.x - span.from.x) / length,
        (span.to.y - span.from.y) / length,
    );
    let head = (unit * 4.5).min(length * 0.6);
    // So far along the arrow, so far beside it.
    let point = |along: f64, beside: f64| Point {
        x: span.from.x + across * along - down * beside,
        y: span.from.y + down * along + across * beside,
    };
    let (shaft, wing, neck) = (unit * 0.55, head * 0.55, length - head);
    vec![
        point(0.0, -shaft),
        point(neck, -shaft),
        point(neck, -wing),
        point(length, 0.0),
        point(neck, wing),
        point(neck, shaft),
        point(0.0, shaft),
    ]
}

/// How wide the dark edge around arrows and words is.
pub(super) fn edge(size: Size) -> f64 {
    (f64::from(size.longer()) / 250.0).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        width: 400,
        height: 200,
    };

    fn point(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    fn pick(tool: Tool, from: Point, to: Point) -> Pick {
        Pick {
            span: Span { from, to },
            ..Pick::new(tool, SIZE)
        }
    }

    #[test]
    fn a_picture_is_as_large_as_its_last_crop_and_turn_leave_it_and_undoing_goes_back() {
        let mut work = Work::new(SIZE);
        let crop = pick(Tool::Crop, point(100.0, 50.0), point(0.0, 0.0)).act(SIZE);
        work.push(crop.unwrap());
        work.push(Act::Turn);
        let bar = pick(Tool::Bar, point(0.0, 0.0), point(9.0, 9.0)).act(work.size());
        work.push(bar.unwrap());

        assert_eq!((work.size().width, work.size().height), (50, 100));
        work.undo();
        work.undo();
        assert_eq!((work.size().width, work.size().height), (100, 50));
        work.undo();
        work.undo();
        assert!(work == Work::new(SIZE), "there is nothing before the picture");
    }

    #[test]
    fn what_would_change_nothing_is_no_act() {
        assert!(Pick::new(Tool::Crop, SIZE).act(SIZE).is_none());
        assert!(Pick::new(Tool::Text, SIZE).act(SIZE).is_none());
        let place = point(5.0, 5.0);
        assert!(pick(Tool::Arrow, place, place).act(SIZE).is_none());
        for tool in [Tool::Blur, Tool::Bar, Tool::Arrow] {
            assert!(Pick::new(tool, SIZE).act(SIZE).is_some(), "{tool:?}");
        }
    }

    #[test]
    fn a_press_takes_a_corner_or_the_whole_or_begins_another() {
        let bar = pick(Tool::Bar, point(100.0, 50.0), point(200.0, 100.0));

        let (span, grip) = bar.grab(point(102.0, 97.0), 10.0, SIZE).unwrap();
        assert_eq!((span.to, grip), (point(100.0, 100.0), Grip::Tip));
        let (_, grip) = bar.grab(point(150.0, 75.0), 10.0, SIZE).unwrap();
        assert_eq!(grip, Grip::Whole(point(150.0, 75.0)));
        assert!(bar.grab(point(250.0, 75.0), 10.0, SIZE).is_none());
        let whole = Pick::new(Tool::Crop, SIZE);
        assert!(whole.grab(point(150.0, 75.0), 10.0, SIZE).is_none());
        let arrow = pick(Tool::Arrow, point(100.0, 50.0), point(200.0, 50.0));
        let (span, grip) = arrow.grab(point(99.0, 52.0), 10.0, SIZE).unwrap();
        assert_eq!((span, grip), (arrow.span, Grip::Tail));
        assert_eq!(
            arrow.dragged(Grip::Tail, point(-40.0, 60.0), SIZE).from,
            point(0.0, 60.0)
        );
    }

    #[test]
    fn a_dab_of_the_blur_covers_a_whole_block_and_a_bar_what_was_drawn() {
        let large = Size {
            width: 3_000,
            height: 4_096,
        };
        for (size, least) in [(SIZE, 16), (large, 86)] {
            let (from, to) = (point(101.0, 101.0), point(107.0, 105.0));
            let dab = Pick {
                span: Span { from, to },
                ..Pick::new(Tool::Blur, size)
            };

            let Some(Act::Blur(area)) = dab.act(size) else {
                panic!("a blur blurs");
            };

            assert!(area.size.width >= least && area.size.height >= least);
            assert!(area.size.longer() <= least + 2, "and not much more");
            assert!(area.holds(from) && area.holds(to));
            assert_eq!(dab.area(size), area, "what is seen is what counts");
            let bar = Pick {
                tool: Tool::Bar,
                ..dab
            };
            assert_eq!(bar.area(size).size.longer(), 8);
        }
    }

    #[test]
    fn a_dab_is_moved_and_made_larger_as_it_is_seen() {
        let dab = pick(Tool::Blur, point(100.0, 50.0), point(104.0, 54.0));
        let seen = Span {
            from: point(94.0, 44.0),
            to: point(110.0, 60.0),
        };

        assert_eq!(dab.seen(SIZE), seen);
        let (span, grip) = dab.grab(point(102.0, 52.0), 4.0, SIZE).unwrap();
        assert_eq!((span, grip), (seen, Grip::Whole(point(102.0, 52.0))));
        let (span, grip) = dab.grab(point(110.0, 60.0), 4.0, SIZE).unwrap();
        assert_eq!((span, grip), (seen, Grip::Tip));
        assert_eq!(dab.stretched(4.0, 0.0, SIZE).to, point(114.0, 60.0));
        assert_eq!(dab.stretched(-4.0, 0.0, SIZE), seen, "it can be no smaller");
    }

    #[test]
    fn an_arrow_ends_where_it_points() {
        let span = Span {
            from: point(10.0, 10.0),
            to: point(10.0, 110.0),
        };

        let outline = outline(span, SIZE);

        assert!(outline[3].distance(span.to) < 1e-9);
        let width = outline[2].distance(outline[4]);
        assert!(width > 4.0 && width < 40.0, "{width}");
        assert!(
            super::outline(
                Span {
                    to: span.from,
                    ..span
                },
                SIZE
            )
            .is_empty()
        );
    }
}

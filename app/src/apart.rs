//! Takes a piece of the first page over in a task of its own: the browser paints, and answers the person, in between.
//!
//! While the app takes over what the server has drawn, [`apart`] leaves the piece's element as it is and comes back to it
//! later. On the server, and for every page after the first, it draws at once.

#[cfg(feature = "hydrate")]
pub use hydration::take_over;
use leptos::prelude::*;

/// Draws a piece, or leaves it for later. It must be all that its element holds.
pub fn apart(draw: impl FnOnce() -> AnyView + Send + 'static) -> AnyView {
    #[cfg(feature = "hydrate")]
    return hydration::apart(Box::new(draw));
    #[cfg(not(feature = "hydrate"))]
    draw()
}

/// As [`apart`], for a piece that nobody misses in the first moment: it is taken over once the rest of the page's code is
/// here, which its own is among.
pub fn apart_late(draw: impl FnOnce() -> AnyView + Send + 'static) -> AnyView {
    #[cfg(feature = "hydrate")]
    return hydration::apart_late(Box::new(draw));
    #[cfg(not(feature = "hydrate"))]
    draw()
}

/// Whether the page is being taken over: what is computed now is on the screen already.
pub fn is_taking_over() -> bool {
    #[cfg(feature = "hydrate")]
    return hydration::is_taking_over();
    #[cfg(not(feature = "hydrate"))]
    false
}

#[cfg(feature = "hydrate")]
mod hydration {
    use std::cell::{Cell, RefCell};
    use std::collections::VecDeque;
    use std::rc::Rc;
    use std::sync::Arc;

    use any_spawner::Executor;
    use gloo_timers::future::TimeoutFuture;
    use hydration_context::HydrateSharedContext;
    use leptos::prelude::*;
    use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
    use leptos::tachys::hydration::Cursor;
    use leptos::tachys::view::any_view::AnyViewState;
    use leptos::tachys::view::{Mountable, Position, PositionState, Render, RenderHtml};
    use leptos::web_sys::{Element, Node};
    use wasm_bindgen::JsCast;

    type Draw = Box<dyn FnOnce() -> AnyView + Send>;

    thread_local! {
        /// Whether the page is being taken over.
        static IS_TAKING_OVER: Cell<bool> = const { Cell::new(false) };
        /// What waits for its turn.
        static PIECES: RefCell<VecDeque<Box<dyn FnOnce()>>> = const { RefCell::new(VecDeque::new()) };
    }

    /// Takes the page over, for as long as it is open: the app, then the pieces that it has left, each in a task of its own.
    /// What Leptos does itself (`leptos::mount::hydrate_body`) ends with the first task: what a later one asks for would be
    /// fetched again, though the page carries it.
    pub async fn take_over<V: IntoView + 'static>(app: fn() -> V) {
        // An error means that it is there already.
        let _ = Executor::init_wasm_bindgen();
        let Some(body) = document().body() else { return };
        let owner = Owner::new_root(Some(Arc::new(HydrateSharedContext::new())));
        in_turn(|| std::mem::forget(owner.with(|| taken(app().into_view(), body.into()))));
        while let Some(piece) = PIECES.with_borrow_mut(VecDeque::pop_front) {
            TimeoutFuture::new(0).await;
            in_turn(piece);
        }
        if let Some(context) = owner.shared_context() {
            context.hydration_complete();
        }
        std::mem::forget(owner);
    }

    /// Takes over what an element holds.
    fn taken<V: RenderHtml>(view: V, parent: Element) -> V::State {
        view.hydrate::<true>(&Cursor::new(parent), &PositionState::default())
    }

    fn in_turn(work: impl FnOnce()) {
        IS_TAKING_OVER.set(true);
        work();
        IS_TAKING_OVER.set(false);
    }

    pub(super) fn is_taking_over() -> bool {
        IS_TAKING_OVER.get()
    }

    pub(super) fn apart(draw: Draw) -> AnyView {
        leave(draw, false)
    }

    pub(super) fn apart_late(draw: Draw) -> AnyView {
        leave(draw, true)
    }

    fn leave(draw: Draw, is_late: bool) -> AnyView {
        match Owner::current() {
            Some(owner) if IS_TAKING_OVER.get() => Apart { draw, owner, is_late }.into_any(),
            _ => draw(),
        }
    }

    /// A piece that the server has drawn.
    struct Apart {
        draw: Draw,
        owner: Owner,
        is_late: bool,
    }

    /// `None` until the piece has had its turn.
    struct ApartState(Rc<RefCell<Option<AnyViewState>>>);

    impl Render for Apart {
        type State = ApartState;

        fn build(self) -> ApartState {
            let state = self.owner.with(self.draw).build();
            ApartState(Rc::new(RefCell::new(Some(state))))
        }

        fn rebuild(self, state: &mut ApartState) {
            *state = self.build();
        }
    }

    impl leptos::tachys::view::add_attr::AddAnyAttr for Apart {
        type Output<NewAttr: leptos::attr::Attribute> = Self;

        fn add_any_attr<NewAttr: leptos::attr::Attribute>(self, _attr: NewAttr) -> Self {
            self
        }
    }

    impl RenderHtml for Apart {
        type AsyncOutput = Self;
        type Owned = Self;

        const MIN_LENGTH: usize = 0;

        fn dry_resolve(&mut self) {}

        async fn resolve(self) -> Self {
            self
        }

        fn to_html_with_buf(
            self,
            _buf: &mut String,
            _position: &mut Position,
            _escape: bool,
            _mark_branches: bool,
            _extra_attrs: Vec<AnyAttribute>,
        ) {
        }

        fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> ApartState {
            let state = Rc::new(RefCell::new(None));
            // The first child of its element is where the cursor goes next: it is at the element still.
            let Ok(parent) = cursor.current().dyn_into::<Element>() else {
                return ApartState(state);
            };
            // All is passed over but the mark that ends the element's list of children.
            if let Some(last_before_mark) = parent.last_child().and_then(|mark| mark.previous_sibling()) {
                cursor.set(last_before_mark);
                position.set(Position::NextChild);
            }
            let weak_state = Rc::downgrade(&state);
            let piece: Box<dyn FnOnce()> = Box::new(move || {
                let Some(state) = weak_state.upgrade() else { return };
                let taken = self
                    .owner
                    .with(|| (self.draw)().hydrate::<true>(&Cursor::new(parent), &PositionState::default()));
                *state.borrow_mut() = Some(taken);
            });
            if self.is_late {
                crate::chunk::when_whole(piece);
            } else {
                PIECES.with_borrow_mut(|pieces| pieces.push_back(piece));
            }
            ApartState(state)
        }

        fn into_owned(self) -> Self {
            self
        }
    }

    impl Mountable for ApartState {
        fn unmount(&mut self) {
            if let Some(state) = self.0.borrow_mut().as_mut() {
                state.unmount();
            }
        }

        fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
            if let Some(state) = self.0.borrow_mut().as_mut() {
                state.mount(parent, marker);
            }
        }

        fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
            self.0
                .borrow()
                .as_ref()
                .is_some_and(|state| state.insert_before_this(child))
        }

        fn elements(&self) -> Vec<Element> {
            self.0
                .borrow()
                .as_ref()
                .map(Mountable::elements)
                .unwrap_or_default()
        }
    }
}

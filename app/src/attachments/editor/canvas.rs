//! The browser's pixels: a canvas, and each act done on it.
//!
//! It is spoken to by name. Typed bindings would be glue in the script that every first page loads, and this is for the few
//! moments in which a picture is changed.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use leptos::prelude::{document, request_animation_frame};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, HtmlImageElement};

use super::acts::{Act, edge, outline};
use super::geometry::{Area, Point, Size};
use super::redact::{blur, cover};

/// The longest side that is worked on: the server makes larger pictures smaller, and no browser's canvas is smaller.
const LONGEST: u32 = 4_096;
/// How closely a JPEG is kept, of one.
const QUALITY: f64 = 0.92;
/// Words and arrows: legible on skin, linen and screens.
pub(super) const MARK: &str = "#ffffff";
pub(super) const MARK_EDGE: &str = "#000000";

/// A canvas and its pen.
#[derive(Clone)]
pub(super) struct Canvas {
    element: JsValue,
    pen: JsValue,
}

/// A picture as it was chosen, upright and as large as it is worked on.
///
/// # Errors
/// The browser cannot read it.
pub(super) async fn decoded(url: &str) -> Result<Canvas, JsValue> {
    // An image, and not a bitmap: all browsers turn it upright by what its camera noted.
    let image: HtmlImageElement = document().create_element("img")?.unchecked_into();
    image.set_src(url);
    JsFuture::from(call(&image, "decode", &[])?.unchecked_into::<Promise>()).await?;
    let size = Size {
        width: image.natural_width(),
        height: image.natural_height(),
    };
    if size.width == 0 || size.height == 0 {
        return Err(JsValue::NULL);
    }
    let canvas = Canvas::new(size.within(LONGEST))?;
    canvas.put(&image).inspect_err(|_| canvas.empty())?;
    Ok(canvas)
}

impl Canvas {
    /// One that no page shows.
    fn new(size: Size) -> Result<Self, JsValue> {
        let canvas = Self::on(document().create_element("canvas")?.into())?;
        canvas.renew(size).inspect_err(|_| canvas.empty())?;
        Ok(canvas)
    }

    /// The one that a page shows.
    pub(super) fn on(element: JsValue) -> Result<Self, JsValue> {
        let wishes = Object::new();
        // Its pixels are read again and again.
        Reflect::set(&wishes, &"willReadFrequently".into(), &JsValue::TRUE)?;
        let pen = call(&element, "getContext", &["2d".into(), wishes.into()])?;
        if pen.is_null() {
            return Err(pen);
        }
        Ok(Self { element, pen })
    }

    pub(super) fn size(&self) -> Size {
        let side = |name: &str| {
            let side = Reflect::get(&self.element, &name.into()).ok()?.as_f64()?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a canvas has whole sides"
            )]
            Some(side as u32)
        };
        Size {
            width: side("width").unwrap_or(0),
            height: side("height").unwrap_or(0),
        }
    }

    /// Empties it.
    fn resize(&self, size: Size) -> Result<(), JsValue> {
        Reflect::set(&self.element, &"width".into(), &size.width.into())?;
        Reflect::set(&self.element, &"height".into(), &size.height.into())?;
        Ok(())
    }

    /// Empties it, and sees that it can be drawn on: once all canvases of a page are too large together, Safari draws nothing
    /// and says nothing.
    fn renew(&self, size: Size) -> Result<(), JsValue> {
        self.resize(size)?;
        let one = Size { width: 1, height: 1 };
        let corner = [0, 0, one.width, one.height].map(JsValue::from);
        self.set("fillStyle", &MARK.into())?;
        call(&self.pen, "fillRect", &corner)?;
        let pixel = self.pixels(Area {
            left: 0,
            top: 0,
            size: one,
        })?;
        call(&self.pen, "clearRect", &corner)?;
        let data = Reflect::get(&pixel, &"data".into())?;
        let pixel = Uint8Array::new(&Reflect::get(&data, &"buffer".into())?);
        // Its opacity alone: there are browsers that falsify colours.
        if pixel.get_index(3) == 0 {
            return Err(JsValue::NULL);
        }
        Ok(())
    }

    /// Fills it with a picture.
    fn put(&self, picture: &JsValue) -> Result<(), JsValue> {
        let size = self.size();
        let place = [
            picture.clone(),
            0.into(),
            0.into(),
            size.width.into(),
            size.height.into(),
        ];
        call(&self.pen, "drawImage", &place).map(drop)
    }

    /// Becomes what another one shows.
    pub(super) fn copy(&self, other: &Self) -> Result<(), JsValue> {
        self.renew(other.size())?;
        self.put(&other.element)
    }

    /// Gives its pixels up.
    pub(super) fn empty(&self) {
        let nothing = Size { width: 1, height: 1 };
        let _ = self.resize(nothing);
    }

    /// Does one act.
    ///
    /// # Errors
    /// The browser refuses its pixels: then what it shows is not what was asked for.
    pub(super) fn apply(&self, act: &Act) -> Result<(), JsValue> {
        let size = self.size();
        match act {
            Act::Crop(area) => {
                let part = self.pixels(*area)?;
                self.renew(area.size)?;
                call(&self.pen, "putImageData", &[part, 0.into(), 0.into()]).map(drop)
            }
            Act::Turn => {
                let before = Self::new(size)?;
                let turned = self.turn_from(&before);
                // The browser counts its pixels until it is collected: a few turns more, and there would be no room.
                before.empty();
                turned
            }
            Act::Blur(area) => self.change(*area, |pixels| blur(pixels, area.size, size)),
            Act::Bar(area) => self.change(*area, cover),
            Act::Arrow(span) => self.mark(&outline(*span, size), edge(size)),
            Act::Text(words, corner, height) => self.write(words, *corner, *height),
        }
    }

    fn set(&self, name: &str, value: &JsValue) -> Result<(), JsValue> {
        Reflect::set(&self.pen, &name.into(), value).map(drop)
    }

    /// A quarter turn; `before` is as large as this one, and takes what it shows.
    fn turn_from(&self, before: &Self) -> Result<(), JsValue> {
        let size = self.size();
        before.put(&self.element)?;
        self.renew(size.turned())?;
        self.set("imageSmoothingEnabled", &JsValue::FALSE)?;
        self.turn([0, 1, -1, 0], size.height)?;
        call(
            &self.pen,
            "drawImage",
            &[before.element.clone(), 0.into(), 0.into()],
        )?;
        self.turn([1, 0, 0, 1], 0)
    }

    fn turn(&self, [a, b, c, d]: [i32; 4], across: u32) -> Result<(), JsValue> {
        let matrix = [a.into(), b.into(), c.into(), d.into(), across.into(), 0.into()];
        call(&self.pen, "setTransform", &matrix).map(drop)
    }

    fn pixels(&self, area: Area) -> Result<JsValue, JsValue> {
        let place = [area.left, area.top, area.size.width, area.size.height].map(JsValue::from);
        call(&self.pen, "getImageData", &place)
    }

    fn change(&self, area: Area, work: impl FnOnce(&mut [u8])) -> Result<(), JsValue> {
        let part = self.pixels(area)?;
        let data = Reflect::get(&part, &"data".into())?;
        let mut pixels = Uint8Array::new(&Reflect::get(&data, &"buffer".into())?).to_vec();
        work(&mut pixels);
        call(&data, "set", &[Uint8Array::from(&pixels[..]).into()])?;
        call(
            &self.pen,
            "putImageData",
            &[part, area.left.into(), area.top.into()],
        )
        .map(drop)
    }

    /// Draws a filled outline with a dark edge.
    fn mark(&self, points: &[Point], edge: f64) -> Result<(), JsValue> {
        call(&self.pen, "beginPath", &[])?;
        for (index, point) in points.iter().enumerate() {
            let go = if index == 0 { "moveTo" } else { "lineTo" };
            call(&self.pen, go, &[point.x.into(), point.y.into()])?;
        }
        call(&self.pen, "closePath", &[])?;
        self.colour(edge)?;
        call(&self.pen, "stroke", &[])?;
        call(&self.pen, "fill", &[]).map(drop)
    }

    fn write(&self, words: &str, corner: Point, height: f64) -> Result<(), JsValue> {
        self.set("font", &format!("600 {height}px system-ui, sans-serif").into())?;
        self.set("textBaseline", &"hanging".into())?;
        self.colour(height / 6.0)?;
        let place = [words.into(), corner.x.into(), corner.y.into()];
        call(&self.pen, "strokeText", &place)?;
        call(&self.pen, "fillText", &place).map(drop)
    }

    fn colour(&self, edge: f64) -> Result<(), JsValue> {
        self.set("lineJoin", &"round".into())?;
        self.set("lineWidth", &edge.into())?;
        self.set("strokeStyle", &MARK_EDGE.into())?;
        self.set("fillStyle", &MARK.into())
    }

    /// What it shows, as a file.
    ///
    /// # Errors
    /// The browser cannot write it.
    pub(super) async fn encoded(&self, media_type: &str) -> Result<Blob, JsValue> {
        if media_type != "image/png" {
            // A JPEG shows through nowhere; browsers would fill with black.
            self.set("globalCompositeOperation", &"destination-over".into())?;
            self.set("fillStyle", &MARK.into())?;
            let Size { width, height } = self.size();
            call(
                &self.pen,
                "fillRect",
                &[0.into(), 0.into(), width.into(), height.into()],
            )?;
            self.set("globalCompositeOperation", &"source-over".into())?;
        }
        let mut refused = None;
        let written = Promise::new(&mut |resolve, _| {
            let wishes = [resolve.into(), media_type.into(), QUALITY.into()];
            refused = call(&self.element, "toBlob", &wishes).err();
        });
        if let Some(refused) = refused {
            return Err(refused);
        }
        JsFuture::from(written).await?.dyn_into()
    }
}

/// Goes to a control once the page has drawn it.
pub(super) fn focus_soon(id: String) {
    request_animation_frame(move || {
        if let Some(element) = document().get_element_by_id(&id) {
            let _ = call(&element, "focus", &[]);
        }
    });
}

/// Calls a method by its name.
fn call(object: &JsValue, name: &str, with: &[JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(object, &name.into())?.dyn_into()?;
    method.apply(object, &with.iter().collect::<Array>())
}

// The editor of a picture, by mouse and by keys; and what became of the picture.
import { expect, type Locator, type Page } from '@playwright/test';
import type { Person } from './person';
import { named } from './words';

/** A part of a picture, in its pixels: from the left, from the top, to the right, to the bottom. */
export type Part = [left: number, top: number, right: number, bottom: number];

/** A picture as somebody sees it. */
export interface Seen {
  width: number;
  height: number;
  greys: number[];
}

/** The dialog. */
export const editor = (person: Person): Locator => person.page.getByRole('dialog', { name: /^(Modifier|Edit) / });

/** What is being drawn. */
export const pick = (person: Person): Locator => editor(person).getByRole('group', { name: /:\s?(largeur|width) / });

/** Opens the editor on a file of the box. */
export async function edit(person: Person, name: string): Promise<Locator> {
  await person.button(`Modifier ${name}`).click();
  await expect(person.button('Barre noire')).toBeEnabled();
  return editor(person);
}

/** Draws with the mouse, from corner to corner, in a picture of that size; half way, something else may happen. */
export async function draw(person: Person, size: [number, number], part: Part, meanwhile?: () => Promise<void>): Promise<void> {
  const room = (await editor(person).getByRole('img').boundingBox())!;
  const scale = Math.min(room.width / size[0], room.height / size[1]);
  const at = (x: number, y: number): [number, number] => [
    room.x + (room.width - size[0] * scale) / 2 + x * scale,
    room.y + (room.height - size[1] * scale) / 2 + y * scale,
  ];
  const { mouse } = person.page;
  await mouse.move(...at(part[0], part[1]));
  await mouse.down();
  await mouse.move(...at((part[0] + part[2]) / 2, (part[1] + part[3]) / 2));
  await meanwhile?.();
  await mouse.move(...at(part[2], part[3]));
  await mouse.up();
}

/** Another finger touches the picture near its upper left corner, moves there, and leaves: by itself, or because the browser takes it. */
export async function touch(person: Person, end: 'pointerup' | 'pointercancel'): Promise<void> {
  const picture = editor(person).getByRole('img');
  const { x, y } = (await picture.boundingBox())!;
  const finger = (moved: number) => ({ pointerId: 77, pointerType: 'touch', clientX: x + 60 + moved, clientY: y + 60 + moved });
  await picture.dispatchEvent('pointerdown', finger(0));
  if (end === 'pointerup') await picture.dispatchEvent('pointermove', finger(40));
  await picture.dispatchEvent(end, finger(40));
}

/** From now on all that is drawn is nothing, as in a browser that has no room for it; what it answers ends that. */
export async function drawsNothing(page: Page): Promise<() => Promise<void>> {
  const pens = await page.evaluateHandle(() => {
    const pen = CanvasRenderingContext2D.prototype;
    const read = pen.getImageData;
    pen.getImageData = (_left: number, _top: number, width: number, height: number) => new ImageData(width, height);
    return { pen, read };
  });
  return () => pens.evaluate(({ pen, read }) => void (pen.getImageData = read));
}

/** Counts the canvases made from now on that no page shows and that have pixels still. */
export async function canvases(page: Page): Promise<() => Promise<number>> {
  const made = await page.evaluateHandle(() => {
    const made: HTMLCanvasElement[] = [];
    const make = document.createElement.bind(document);
    document.createElement = (name: string, options?: ElementCreationOptions) => {
      const element = make(name, options);
      if (element instanceof HTMLCanvasElement) made.push(element);
      return element;
    };
    return made;
  });
  return () => made.evaluate((made) => made.filter((canvas) => !canvas.isConnected && canvas.width > 1).length);
}

/** The next picture is written once what this answers is called, and not before. */
export async function writesLate(page: Page): Promise<() => Promise<void>> {
  const late = await page.evaluateHandle(() => {
    const canvas = HTMLCanvasElement.prototype;
    const write = canvas.toBlob;
    const written = new Promise<() => void>((resolve) => {
      canvas.toBlob = function (wish, ...how) {
        canvas.toBlob = write;
        write.call(this, (blob) => resolve(() => wish(blob)), ...how);
      };
    });
    return { write: async () => (await written)() };
  });
  return () => late.evaluate(({ write }) => write());
}

/** Goes to a control as keys go: one by one. */
export async function tabTo(person: Person, name: string): Promise<void> {
  const wanted = person.page.getByRole('button', { name: named(name) });
  for (let n = 0; n < 150; n++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await person.page.keyboard.press('Tab');
  }
  throw new Error(`no way to ${name} by Tab`);
}

/** The pixels behind an address, as the person's browser has them. */
export function seen(person: Person, address: string): Promise<Seen> {
  return person.page.evaluate(async (address) => {
    const answer = await fetch(address);
    const bitmap = await createImageBitmap(await answer.blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const pen = canvas.getContext('2d')!;
    pen.drawImage(bitmap, 0, 0);
    const { data } = pen.getImageData(0, 0, bitmap.width, bitmap.height);
    const greys = Array.from({ length: bitmap.width * bitmap.height }, (_, index) => data[index * 4]!);
    return { width: bitmap.width, height: bitmap.height, greys };
  }, address);
}

/** The greys of a part, row by row. */
export function greysOf(picture: { greys: ArrayLike<number> }, width: number, [left, top, right, bottom]: Part): number[] {
  const found: number[] = [];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) found.push(picture.greys[y * width + x]!);
  }
  return found;
}

/** How much neighbours in a row differ, on the average. */
export function roughness({ greys, width }: Seen, part: Part): number {
  const differences: number[] = [];
  for (let y = part[1]; y < part[3]; y++) {
    for (let x = part[0] + 1; x < part[2]; x++) differences.push(Math.abs(greys[y * width + x]! - greys[y * width + x - 1]!));
  }
  return differences.reduce((sum, one) => sum + one, 0) / differences.length;
}

import { darkRules, type Role, theme } from './theme.ts';

/** Attributes of an element; undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/**
 * An SVG element as text.
 *
 * @param children - elements, or text that went through {@link escapeText}
 */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const pairs = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        ` ${key}="${typeof value === 'number' ? round(value) : escapeText(String(value))}"`,
    );
  const content = children.join('');
  return content === ''
    ? `<${name}${pairs.join('')}/>`
    : `<${name}${pairs.join('')}>${content}</${name}>`;
}

/** Text as markup shows it. */
export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A coordinate with at most two decimals, which is less than any screen shows. */
export function round(value: number): string {
  return String(Math.round(value * 100) / 100 + 0);
}

/** A point as path data have it. */
export function point(x: number, y: number): string {
  return `${round(x)},${round(y)}`;
}

/** What every picture can be told. */
export interface PictureOptions {
  /** Width in pixels; the height follows from it. */
  readonly width?: number;
  /** A heading inside the picture, and its description for those who cannot see it. */
  readonly title?: string;
}

/** Height of the heading. */
export const TITLE_HEIGHT = 30;

/**
 * A whole picture: a card with a background of its own, so that it can be read on light and on dark pages, with colours of its own where
 * the reader prefers dark ones.
 *
 * @param description - what is to be seen, for those who cannot see it
 */
export function picture(
  width: number,
  height: number,
  description: string,
  heading: string | undefined,
  ...children: string[]
): string {
  const title =
    heading === undefined ? '' : text(16, 20, heading, { role: 'text', size: 14, weight: 600 });
  const body =
    heading === undefined
      ? children.join('')
      : title + element('g', { transform: `translate(0 ${TITLE_HEIGHT})` }, ...children);
  const total = height + (heading === undefined ? 0 : TITLE_HEIGHT);
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${round(width)} ${round(total)}`,
      width,
      height: total,
      role: 'img',
      'font-family': 'system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif',
    },
    element('title', {}, escapeText(description)),
    element('style', {}, darkRules(body)),
    element('rect', { width, height: total, rx: 6, ...paint({ fill: 'background' }) }),
    body,
  );
}

/** Colours of an element by their roles in the theme. */
export function paint(colours: { fill?: Role | 'none'; stroke?: Role }): Attributes {
  const { fill, stroke } = colours;
  const classes = [
    fill && fill !== 'none' && `cr-fill-${fill}`,
    stroke && `cr-stroke-${stroke}`,
  ].filter(Boolean);
  return {
    fill: fill === 'none' ? 'none' : fill && theme[fill].light,
    stroke: stroke && theme[stroke].light,
    class: classes.join(' ') || undefined,
  };
}

/** How a text looks. */
export interface TextStyle {
  readonly role?: Role;
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly weight?: number;
  readonly rotate?: number;
  /** A rim in the colour of the background, for text over lines. */
  readonly halo?: boolean;
}

/** A line of text, its middle line at y. */
export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { role = 'text', size = 12, anchor, weight, rotate, halo = false } = style;
  const rim = halo
    ? { 'stroke-width': 4, 'stroke-linejoin': 'round', 'paint-order': 'stroke' }
    : {};
  return element(
    'text',
    {
      x,
      y,
      'font-size': size,
      'text-anchor': anchor,
      'font-weight': weight,
      dy: '0.35em',
      transform: rotate === undefined ? undefined : `rotate(${rotate} ${point(x, y)})`,
      ...rim,
      ...paint({ fill: role, ...(halo && { stroke: 'background' }) }),
    },
    escapeText(content),
  );
}

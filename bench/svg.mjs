/**
 * An SVG or HTML element as text.
 *
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {...string} children - elements, or text that went through {@link escapeText}
 */
export function element(name, attributes, ...children) {
  const pairs = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escapeText(typeof value === 'number' ? round(value) : value)}"`,
  );
  return `<${name}${pairs.join('')}>${children.join('')}</${name}>`;
}

/**
 * Text as markup shows it.
 *
 * @param {string | number} text
 */
export function escapeText(text) {
  return String(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** @param {number} value - a coordinate; a tenth of a pixel is enough */
function round(value) {
  return Math.round(value * 10) / 10;
}

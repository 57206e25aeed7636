/** A colour on light ground, and on dark ground. */
interface Shade {
  readonly light: string;
  readonly dark: string;
}

/** The role a colour plays. */
export type Role =
  | 'background'
  | 'surface'
  | 'text'
  | 'muted'
  | 'grid'
  | 'positive'
  | 'negative'
  | 'series0'
  | 'series1'
  | 'series2'
  | 'series3'
  | 'series4'
  | 'series5'
  | 'series6'
  | 'series7';

/**
 * Every colour by its role. The series are those of Okabe and Ito, which people with any kind of colour vision can tell apart; on dark
 * ground they are lighter. `positive` and `negative` are two of them.
 */
export const theme: Readonly<Record<Role, Shade>> = {
  background: { light: '#ffffff', dark: '#161b22' },
  surface: { light: '#f3f5f7', dark: '#22272e' },
  text: { light: '#1f2328', dark: '#e6edf3' },
  muted: { light: '#59636e', dark: '#9aa4af' },
  grid: { light: '#dfe3e8', dark: '#373e47' },
  positive: { light: '#0072b2', dark: '#5cb3ea' },
  negative: { light: '#d55e00', dark: '#ff8c42' },
  series0: { light: '#0072b2', dark: '#5cb3ea' },
  series1: { light: '#d55e00', dark: '#ff8c42' },
  series2: { light: '#009e73', dark: '#3ccfa3' },
  series3: { light: '#cc79a7', dark: '#e8a5cb' },
  series4: { light: '#b07c00', dark: '#f0b93a' },
  series5: { light: '#56b4e9', dark: '#9bd4f7' },
  series6: { light: '#7a5cc4', dark: '#b39df0' },
  series7: { light: '#5a6068', dark: '#b6bfc9' },
};

/** The colours of curves and classes, over and over when there are more than eight. */
export function series(index: number): Role {
  return `series${index % 8}` as Role;
}

/** Style rules for those who prefer dark pages, for the roles that occur in a picture. */
export function darkRules(body: string): string {
  const rules = Object.entries(theme).flatMap(([role, { dark }]) =>
    ['fill', 'stroke']
      .filter((property) => role === 'background' || body.includes(`cr-${property}-${role}`))
      .map((property) => `.cr-${property}-${role}{${property}:${dark}}`),
  );
  return `@media(prefers-color-scheme:dark){${rules.join('')}}`;
}

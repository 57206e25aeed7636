export { gradientFlow, type LayerFlow } from '../inspect/flow.ts';
export { type BoundaryOptions, drawBoundary } from './boundary.ts';
export { type ConfusionOptions, drawConfusion } from './confusion.ts';
export { drawCurves, type Reports } from './curves.ts';
export { type Cost1, type Cost2, type DescentOptions, drawDescent } from './descent.ts';
export { drawHistograms } from './histograms.ts';
export { drawNetwork } from './network.ts';
export type { PictureOptions } from './svg.ts';
export { drawTree } from './tree.ts';

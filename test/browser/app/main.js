import { trainWide } from './wide.js';
import { trainXor } from './xor.js';

globalThis.app = { trainWide, trainXor };

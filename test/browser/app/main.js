import { trainXor } from './xor.js';

globalThis.app = { trainXor };

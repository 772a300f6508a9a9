import { gradientAgreement } from './engine.agreement.ts';
import { tfjsEngine } from './tfjs/engine.ts';
import { wasmEngine } from './wasm/engine.ts';

gradientAgreement(wasmEngine, tfjsEngine);

import { samplerContract } from './sampler.contract.ts';
import { randomSampler } from './random.ts';

samplerContract('random', randomSampler);

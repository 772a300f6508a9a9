import { samplerContract } from './sampler.contract.ts';
import { evolutionSampler } from './evolution.ts';

samplerContract('evolution', evolutionSampler);

import { samplerContract } from './sampler.contract.ts';
import { sparseSampler } from './sparse.ts';

samplerContract('sparse', sparseSampler, { runs: 5 });

import { testRandomNetworks } from './random-networks.ts';

testRandomNetworks(0);

import { describePinStore } from '../ports/pin-store.contract.ts';
import { MemoryPinStore } from './memory-pin-store.ts';

describePinStore({ name: 'the memory store', create: () => new MemoryPinStore() });

import { vi } from 'vitest';

// Backstage's test utilities make their mocks with jest.fn.
Object.assign(globalThis, { jest: vi });

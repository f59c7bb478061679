import { conformanceSuite } from './conformance-suite.ts';
import { gatewayTarget } from './targets.ts';

conformanceSuite(gatewayTarget);

export { runBillingTour, type BillingTourOptions } from './run-billing-tour.ts';
export { startBillingDemo, type BillingDemo, type BillingDemoOptions } from './start-billing-demo.ts';

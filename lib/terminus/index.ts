// `nestjs-cow/terminus`: the health of a connection for @nestjs/terminus.
export { CowHealthIndicator, type CowHealthOptions } from './cow-health.indicator.js';

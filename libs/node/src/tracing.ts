// Exports a span for each request, where it is loaded first: node --import servicekit/tracing dist/server.js
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({ instrumentations: [new HttpInstrumentation()] });
sdk.start();
process.once('beforeExit', () => sdk.shutdown());

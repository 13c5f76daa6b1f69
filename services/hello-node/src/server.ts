import { main } from 'servicekit';
import { Passwords } from './passwords.ts';
import { options, routes } from './routes.ts';

await main('hello-node', routes(new Passwords()), options);

import { proveInShort } from '../../support/short-proof.js';
import { concurrency } from './concurrency.js';

proveInShort(concurrency, 600);

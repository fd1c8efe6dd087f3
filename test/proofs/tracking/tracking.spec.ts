import { proveInShort } from '../../support/short-proof.js';
import { tracking } from './tracking.js';

proveInShort(tracking, 5_000);

import { proveInShort } from '../../support/short-proof.js';
import { bson } from './bson.js';

proveInShort(bson, 400);

import type { Document } from 'mongodb';
import { isPlainObject } from './plain-object.js';
import { refuse } from './refuse.js';
import { copySafely, REFUSED_IN_PIPELINES } from './safe-copy.js';

/**
 * Checks an aggregation pipeline, which goes to the server as it is, by stored names.
 *
 * @param entity name of the entity, for errors
 * @returns a copy: what was checked is what should be sent
 * @throws InvalidQuery for stages that write, for JavaScript at any depth, and for undefined
 */
export function checkPipeline(stages: unknown, entity = 'The pipeline'): Document[] {
  const place = { entity };
  if (!Array.isArray(stages)) refuse(place, 'the pipeline is no array', 'Give an array of stages.');
  return Array.from(stages as unknown[], (stage, index) => {
    const names = isPlainObject(stage) ? Object.keys(stage) : [];
    if (names.length !== 1 || !names[0]?.startsWith('$')) {
      refuse(place, `stage ${index} of the pipeline is no stage`, 'A stage is an object with one key: { $match: … }.');
    }
    return copySafely(place, stage, REFUSED_IN_PIPELINES) as Document;
  });
}

import { ObjectId } from 'mongodb';
import { Entity, Id, Prop, type ClassType } from 'nestjs-cow';

/** A class with as many text fields (`field1`, `field2`, …) as wanted, in a collection of its own. */
function wide(fields: number): ClassType<WideEntity> {
  class Wide {}
  Object.defineProperty(Wide, 'name', { value: `Wide${fields}` });
  Reflect.defineMetadata('design:type', ObjectId, Wide.prototype, 'id');
  Id()(Wide.prototype, 'id');
  for (let at = 1; at <= fields; at++) Prop({ type: String })(Wide.prototype, `field${at}`);
  Entity({ collection: `wide_${fields}` })(Wide);
  return Wide as unknown as ClassType<WideEntity>;
}

export type WideEntity = { id: ObjectId } & Record<`field${number}`, string>;

export const Wide10 = wide(10);
export const Wide50 = wide(50);
export const Wide200 = wide(200);

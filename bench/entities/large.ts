import { ObjectId } from 'mongodb';
import { Entity, Id, Prop, type ClassType } from 'nestjs-cow';

export type LargeEntity = { id: ObjectId; image_field: Buffer } & Record<`field${number}`, string | number>;

/** The flat document of about 3 MB of the ODM benchmark: 125 texts, 125 numbers and an image. */
class LargeClass {}
Reflect.defineMetadata('design:type', ObjectId, LargeClass.prototype, 'id');
Id()(LargeClass.prototype, 'id');
for (let at = 1; at <= 250; at++) Prop({ type: at <= 125 ? String : Number })(LargeClass.prototype, `field${at}`);
Prop({ type: Buffer })(LargeClass.prototype, 'image_field');
Entity({ collection: 'large' })(LargeClass);

export const Large = LargeClass as unknown as ClassType<LargeEntity>;

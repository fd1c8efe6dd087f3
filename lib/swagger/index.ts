// `nestjs-cow/swagger`: what @Prop() says of a property, as OpenAPI schemas.
import { describeProps } from './describe-props.js';

// Entities that are loaded already are described too; PartialType() and the like copy what is there when they run.
describeProps();

export { createDocument } from './create-document.js';
export { IntersectionType, OmitType, PartialType, PickType } from '@nestjs/swagger';

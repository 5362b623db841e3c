/** A view over what finds objects by the names of their resources. */
import type { Reader } from '../simulation/reconciler.ts';
import type { KubeObject, View } from './object.ts';

/** Under a resource's name the reader must answer objects of that resource only: a view says their type. */
export const viewOf = (reader: Reader<KubeObject>): View => reader as View;

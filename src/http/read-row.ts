// One row of a list in a body, judged by itself: the others may be good.
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { RequestInvalid } from './http.errors.js';
import { faultsOf } from './request.pipe.js';

/** The row as its dto. @throws RequestInvalid with pointers that begin with `pointer` (like `/transactions/3`) */
export function readRow<Row extends object>(form: new () => Row, value: unknown, pointer: string): Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RequestInvalid([{ pointer, detail: 'must be a JSON object' }]);
  const row = plainToInstance(form, value);
  const errors = validateSync(row, {
    whitelist: true,
    forbidNonWhitelisted: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
  });
  if (errors.length > 0) throw new RequestInvalid(errors.flatMap((error) => faultsOf(error, `${pointer}/`)));
  return row;
}

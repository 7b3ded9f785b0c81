import { ColumnBuilder } from './columns/builder.ts';
import { CheckedOnlyBuilder } from './columns/checked-only-builder.ts';
import { ListBuilder, MapBuilder, StructBuilder } from './columns/nested-builder.ts';
import { BooleanBuilder, DoubleBuilder, FloatBuilder, isSmallInteger, SmallIntegerBuilder } from './columns/number-builder.ts';
import { BlobBuilder, type BlobEncoding, EnumBuilder, JsonBuilder, VarcharBuilder } from './columns/string-builder.ts';
import { DateBuilder, IntervalBuilder, TimeBuilder, TimestampBuilder, type TimestampUnit, UuidBuilder } from './columns/time-builder.ts';
import { BigintBuilder, DecimalBuilder, Int128Builder, NarrowDecimalBuilder, WideDecimalBuilder } from './columns/wide-builder.ts';
import type { DataType } from './data-type.ts';

export { ColumnBuilder };
export type { BlobEncoding, TimestampUnit };

export interface ColumnBuilderOptions {
  /** What a plain number means in a timestamp column; null: such a number is refused. */
  readonly timestampUnit?: TimestampUnit | null;
  /** How bytes stand in text; `escaped` when absent. */
  readonly blobs?: BlobEncoding;
  /** false: values are checked as ever but not kept, for columns that no query reads. Then `finish` must not be called. */
  readonly keeps?: boolean;
}

/** A builder for one column of `type`; strict: what does not fit the type exactly is refused, never rounded or wrapped. */
export function createColumnBuilder(type: DataType, options: ColumnBuilderOptions = {}): ColumnBuilder {
  const builder = valueBuilder(type, options);
  return options.keeps === false ? new CheckedOnlyBuilder(builder) : builder;
}

function valueBuilder(type: DataType, options: ColumnBuilderOptions): ColumnBuilder {
  const child = (inner: DataType) => valueBuilder(inner, options);
  switch (type.kind) {
    case 'list':
      return new ListBuilder(type, child);
    case 'map':
      return new MapBuilder(type, child);
    case 'struct':
      return new StructBuilder(type, child);
    case 'enum':
      return new EnumBuilder(type);
    case 'decimal':
      return type.width > 18 ? new WideDecimalBuilder(type) : type.width > 9 ? new DecimalBuilder(type) : new NarrowDecimalBuilder(type);
    default:
      return scalarBuilder(type, options);
  }
}

function scalarBuilder(type: DataType, options: ColumnBuilderOptions): ColumnBuilder {
  const keeps = options.keeps ?? true;
  if (isSmallInteger(type.kind)) return new SmallIntegerBuilder(type, type.kind);
  switch (type.kind) {
    case 'bigint':
    case 'ubigint':
      return new BigintBuilder(type, type.kind === 'bigint');
    case 'hugeint':
      return new Int128Builder(type, -(2n ** 127n), 2n ** 127n - 1n);
    case 'uhugeint':
      return new Int128Builder(type, 0n, 2n ** 128n - 1n);
    case 'double':
      return new DoubleBuilder(type);
    case 'float':
      return new FloatBuilder(type);
    case 'boolean':
      return new BooleanBuilder(type);
    case 'varchar':
      return new VarcharBuilder(type, keeps);
    case 'json':
      return new JsonBuilder(type, keeps);
    case 'blob':
      return new BlobBuilder(type, keeps, options.blobs ?? 'escaped');
    case 'date':
      return new DateBuilder(type);
    case 'time':
      return new TimeBuilder(type);
    case 'interval':
      return new IntervalBuilder(type);
    case 'uuid':
      return new UuidBuilder(type);
    case 'null':
      throw new TypeError('a column cannot have the type NULL');
    default:
      return new TimestampBuilder(type, options.timestampUnit ?? null);
  }
}

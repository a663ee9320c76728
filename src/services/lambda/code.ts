/** Deployment packages on their way into the code store. */
import type { FunctionCode } from '../../api/lambda.ts';
import { notImplementedError } from '../../base/errors.ts';
import type { CodeReference } from '../../engine/function/code-store.ts';
import type { Functions } from '../../engine/function/functions.ts';
import { ZipError } from '../../engine/function/zip.ts';
import { diskIsFull, invalidParameterValue, requestTooLarge } from './errors.ts';
import { UNZIPPED_SIZE_BYTES_MAX, ZIPPED_SIZE_BYTES_MAX } from './limits.ts';

/** Checks and keeps a package; what it answers is on disk. */
export async function saveCode(functions: Functions, code: FunctionCode): Promise<CodeReference> {
  if (code.ImageUri !== undefined) throw notImplementedError('Code from a container image');
  if (code.S3Bucket !== undefined) throw notImplementedError('Code from S3');
  if (code.SourceKMSKeyArn !== undefined) throw notImplementedError('Code encrypted with a key of KMS');
  const bytes = code.ZipFile;
  if (bytes === undefined || bytes.length === 0) {
    throw invalidParameterValue('Please provide a source for function code.');
  }
  if (bytes.length > ZIPPED_SIZE_BYTES_MAX) throw requestTooLarge(ZIPPED_SIZE_BYTES_MAX);
  if (!functions.acceptsWrites) throw diskIsFull();
  try {
    return await functions.code.save(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    if (error instanceof ZipError) throw refusal(error);
    throw error;
  }
}

function refusal(error: ZipError): Error {
  switch (error.kind) {
    case 'empty':
      return invalidParameterValue('Uploaded file must be a non-empty zip');
    case 'too-large':
      return invalidParameterValue(`Unzipped size must be smaller than ${UNZIPPED_SIZE_BYTES_MAX} bytes`);
    case 'damaged':
      return invalidParameterValue(
        'Could not unzip uploaded file. Please check your file, then try to upload again.',
      );
  }
}

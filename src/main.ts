/** The entry of the command line, and the only file that ends the process. */
import { runProgram } from './cli/program.ts';

process.exit(await runProgram(process.argv));

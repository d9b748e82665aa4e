/** For whoever receives a table as a file. */
export { tableText } from '../../csv/tableText.ts';

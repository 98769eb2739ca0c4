/** A recording, built into the page as its text. */
declare module "*.jsonl" {
  const text: string;
  export default text;
}

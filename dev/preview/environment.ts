/** What the server tells the page that it serves. */
export interface Environment {
  sessionid: string;
  /** Where ubus is, with a slash at its end. */
  ubuspath: string;
  /** What the paths of LuCI's pages begin with. */
  scriptname: string;
  /** Where LuCI's modules are. */
  resource: string;
  /** The path of this page, below `scriptname`. */
  requestpath: string[];
  /** The same, once LuCI has gone from a folder of its menu to the first page in it: as this preview does before. */
  dispatchpath: string[];
  /** What is shown on it: a module below `view`, or the overview with these modules. */
  view: string | { includes: readonly string[] };
  pollinterval: number;
  nodespec: { satisfied: boolean; readonly: boolean; title: string };
}

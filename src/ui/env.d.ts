declare module "*.module.css" {
  const classes: Readonly<Record<string, string>>;
  export default classes;
}
declare module "*.css";
declare module "every-stylesheet";

/** Where the layout worker is; set by the build. */
declare const __ELK_WORKER__: string;

/** Where the licences are of what the pages hold; set by the build. */
declare const __LICENCES__: string;

/** Where the example is that an empty installation offers; set by the build. */
declare const __EXAMPLE_BUNDLE__: string;

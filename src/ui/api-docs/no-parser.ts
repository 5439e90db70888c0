/** Stands in for the parser of RapiDoc, which is given documents without references. */
const parser = { resolve: async ({ spec }: { readonly spec?: object }) => ({ spec }) };

// biome-ignore lint/style/noDefaultExport: RapiDoc imports it so.
export { parser as default };

/** The address by which VS Code and its kin open a file; a Windows path begins with its drive. */
export function editorAddress(path: string): string {
  const parts = path.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
  return `vscode://file/${parts.replace(/^\//, "").replace(/^([a-zA-Z])%3A/, "$1:")}`;
}

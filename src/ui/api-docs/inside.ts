/** What RapiDoc's own styles leave out: the focus of its tabs, and on phones what an operation does and room for a button. */
export const INSIDE = `
.tab-btn:focus-visible {
  outline: 2px solid var(--ring);
}
.m-endpoint .endpoint-body {
  position: relative;
}
@container (max-width: 767px) {
  .endpoint-head {
    flex-wrap: wrap;
  }
  .endpoint-head .descr {
    display: block;
    flex-basis: 100%;
    word-break: normal;
  }
  .tab-content > .toolbar-btn {
    position: static !important;
    margin: 8px 0;
  }
}
`;

import { embedded } from "./support/story.ts";
import { stories } from "./told/stories.ts";

embedded("one process, nothing configured", ...stories);

import { stories } from "./told/stories.ts";
import { embedded } from "./support/story.ts";

embedded("one process, nothing configured", ...stories);

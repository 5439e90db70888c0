import { distributed } from "./support/story.ts";
import { stories } from "./told/stories.ts";

distributed("an API and two workers over nats-server and sqld", ...stories);

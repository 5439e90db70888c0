import { Bell, BellRing } from "lucide-react";
import { Button } from "../kit/button.tsx";
import { say } from "../kit/toast.ts";
import { tellOnDesktop, useIsToldOnDesktop, whyNotOnDesktop } from "./desktop.ts";

/** Asks this browser to tell of questions also while another window is in front. Off until somebody wants it. */
export function DesktopSwitch() {
  const isOn = useIsToldOnDesktop();
  const change = async () => {
    const isIt = await tellOnDesktop(!isOn);
    if (isIt)
      say("New questions to you are shown as notifications, while Station is open in a tab", "success");
    else say(isOn ? "No more notifications" : (whyNotOnDesktop() ?? "Notifications stay off"));
  };
  return (
    <Button
      icon={isOn ? BellRing : Bell}
      aria-pressed={isOn}
      disabledBecause={isOn ? null : whyNotOnDesktop()}
      hint={
        isOn ? "New questions are shown as notifications: turn it off" : "Show new questions as notifications"
      }
      onClick={() => void change()}
    >
      Notify me
    </Button>
  );
}

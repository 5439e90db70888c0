import { useState } from "react";
import { Button } from "../../kit/button.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { Field, onEnter, TextInput } from "../../kit/field.tsx";

/** Asks for the name of a view. */
export function SaveView({
  onSave,
  onClose,
}: {
  readonly onSave: (name: string) => void;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState("");
  const save = () => name.trim() !== "" && onSave(name.trim());
  return (
    <Dialog
      open
      onClose={onClose}
      title="Save this view"
      description="It is kept in this browser. To share it, send the address of the page."
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            look="primary"
            disabledBecause={name.trim() === "" ? "A view has a name" : null}
            onClick={save}
          >
            Save
          </Button>
        </>
      }
    >
      <Field label="Name">
        {(ids) => (
          <TextInput
            {...ids}
            value={name}
            onChange={(event) => setName(event.target.value)}
            onKeyDown={onEnter(save)}
          />
        )}
      </Field>
    </Dialog>
  );
}

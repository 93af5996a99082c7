"""An application that came back: met before any menu, corrected by the form's own questions."""

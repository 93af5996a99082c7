"""The review's pages: the one screen of a case, its pictures, and what is decided there. The rules
are those of `models`; here is what a reviewer sees and which key does what."""

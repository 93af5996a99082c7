"""The whole service over its real wire, from 你好 to the record in SQL."""

#!/usr/bin/env python3
"""Reads a COCO file and writes it again with the standard library. usage: plain_python_coco.py IN OUT"""
import json
import sys

json.dump(json.load(open(sys.argv[1])), open(sys.argv[2], "w"))

#!/usr/bin/env node
import '../dist/lintel.js';
